"""What the ports are in earnest: files, databases, Kafka, HTTP, the machine. Only `hub.wiring` names adapters."""
