"""What `hub doctor` looks at: the machine, the hub and the vault here, the connectors here. It changes nothing."""
