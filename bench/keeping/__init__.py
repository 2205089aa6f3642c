"""Back-up and restoring of everything that a bench keeps.

archive.py         the file: packed with a hash of each member, unpacked only where all of them hold
key_box.py         private keys, encrypted with a password
database_copy.py   a database as of one moment, while its owner goes on
backup.py          what goes in, and in which order it is copied
holds.py           whether what was unpacked is what it should be: journal, trail, cases
last_backup.py     when the last one was made, and whether one has failed since
restore.py         into place, never over a bench that lives, nor over what is newer
"""
