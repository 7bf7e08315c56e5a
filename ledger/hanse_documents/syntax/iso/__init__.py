"""ISO 20022: the table of messages, and what reads, checks and writes by it. The door: `syntax.iso20022`."""
