"""Certificates: one document model, and what is made of it: PDF, XML, seals, labels, the register, exports."""
