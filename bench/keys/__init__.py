"""The keys that the bench signs with: made at the first start or given by the laboratory, rotated, shown."""
