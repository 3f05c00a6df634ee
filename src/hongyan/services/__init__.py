"""STEPS, administration, jobs and queries, one file each. Each loads, decides by policy and writes; no step calls another.

What several steps share stands beside them: how a message ends (`steps/ending`), how messages are queued (`steps/parcels`).
"""
