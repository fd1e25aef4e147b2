"""The monthly meeting: which places need a decision, what is late, what happened since."""
