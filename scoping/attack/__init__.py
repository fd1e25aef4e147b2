"""Attacks on what is published, by somebody who owns a file of all addresses and keeps every release."""
