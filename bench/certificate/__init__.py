"""Certificates: one document model, and what is made of it. Where to look, as a certificate comes to be:

what it says      model       the document: all others make it, or are made of it
                  facts       of a run that holds: measured (from its records), printed_figures (rounded once)
                  request     what no journal knows: customer, nameplate, place
                  document    both put together, with its marks
who lets it out   issuing     draft, signatures, number; two_persons, locks, register, files
on paper          pdf, label  sheet (what stands where), words, plot, qr; printing and typst/ set it
as XML            dcc         dcc_results, dcc_elements, dcc_words; xml_reading reads it
sealed            seals       xades (XML), pades (PDF), seal_errors; seal_words says what a check finds
to others         exports     tables; watch_folder
all of it         office      paper, XML and seals handed to issuing, which imports none of their libraries
"""
