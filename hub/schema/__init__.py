"""The contract: event schemas, their privacy labels, what may change, and the types generated from them."""
