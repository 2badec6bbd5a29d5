"""Benchmarks: each prints a ratio to a baseline measured in the same run. Not part of the test gate.

make bench                  all of them
python -m benchmarks pull   one of them
"""
