"""DECISIONS: pure functions over the model. Time, ids and chance are arguments."""
