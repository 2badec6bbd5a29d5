"""Sandbox: a local stand-in for the platform, with its rules and its faults."""
