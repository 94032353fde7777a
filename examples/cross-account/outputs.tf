output "bus_arn" {
  description = "What the backend names as EventBusName in PutEvents: the ARN, since the bus is in another account."
  value       = module.company_events.bus_arn
}

output "backend_role_arn" {
  description = "Role of the backend's functions, in their account."
  value       = aws_iam_role.backend.arn
}
