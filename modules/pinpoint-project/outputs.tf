output "application_id" {
  description = "ID of the project, for `destination.pinpoint.application_id`."
  value       = aws_pinpoint_app.this.application_id
}

output "arn" {
  description = "ARN of the project."
  value       = aws_pinpoint_app.this.arn
}

output "name" {
  description = "Name of the project."
  value       = aws_pinpoint_app.this.name
}
