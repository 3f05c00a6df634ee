"""STEPS: one file a step. Each loads, decides by policy, writes; none calls another."""
