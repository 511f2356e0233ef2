"""Brokers: who takes the orders, and on which terms. One file each."""
