"""What starts agentbot elsewhere: the compose files, the Helm chart, the example for Kubernetes."""
