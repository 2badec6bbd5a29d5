"""The recorded answers of the real platform played again to the sandbox.

cases     the files of tests/recorded
forms     the recorded forms as the sandbox's own
values    recorded champs as the values that the World keeps
world     a World that takes the role of the recorded one
shape     what must be the same: status, codes, nulls, types
"""
