"""One program a client, for `benchmarks.others`: it pulls once and prints what it got, as JSON, in one line.

Arguments: the platform's address, a folder to keep files in, `first` or `night`, and the date that nothing
before the night is later than. Seconds are of the pull alone, once the program and its modules are there.
`changed` counts the dossiers that came with their new content.
"""
