output "url" {
  description = "URL of the pixel, ending in `/events`."
  value       = local.url
}

output "gtm_image_url" {
  description = "Image URL for a Custom Image tag in Google Tag Manager, with the variables `{{Event}}` and `{{endpoint_id}}`."
  value       = "${local.url}?event={{Event}}&endpoint_id={{endpoint_id}}"
}

output "gtm_container" {
  description = "Container for Google Tag Manager's import, as JSON text: the pixel's tag with its triggers and variables, as `gtm` says."
  value       = jsonencode(local.gtm_container)
}

output "trusted_url" {
  description = "URL of the trusted route, ending in `/trusted/events`; null without an authorizer."
  value       = local.trusted_url
}

output "trusted_arn" {
  description = "What a caller with SigV4 needs `execute-api:Invoke` on; null without an authorizer."
  value       = var.trusted == null ? null : "${aws_api_gateway_rest_api.this.execution_arn}/${aws_api_gateway_stage.this.stage_name}/POST/trusted/events"
}

output "domain_target" {
  description = "Where your own DNS points the host name: `name`, for a CNAME or an alias, and `zone_id`, for an alias in Route 53; null without a domain."
  value       = one([for domain in aws_api_gateway_domain_name.this : { name = domain.regional_domain_name, zone_id = domain.regional_zone_id }])
}

output "api_id" {
  description = "ID of the REST API."
  value       = aws_api_gateway_rest_api.this.id
}

output "stage_name" {
  description = "Name of the API's stage."
  value       = aws_api_gateway_stage.this.stage_name
}

output "stage_arn" {
  description = "ARN of the API's stage."
  value       = aws_api_gateway_stage.this.arn
}

output "queue_arn" {
  description = "ARN of the ingest queue."
  value       = aws_sqs_queue.ingest.arn
}

output "queue_url" {
  description = "URL of the ingest queue."
  value       = aws_sqs_queue.ingest.url
}

output "rejects_queue_arn" {
  description = "ARN of the queue that keeps refused events with their reason."
  value       = aws_sqs_queue.rejects.arn
}

output "rejects_queue_url" {
  description = "URL of the queue that keeps refused events with their reason."
  value       = aws_sqs_queue.rejects.url
}

output "dlq_arn" {
  description = "ARN of the dead-letter queue."
  value       = aws_sqs_queue.dlq.arn
}

output "dlq_url" {
  description = "URL of the dead-letter queue."
  value       = aws_sqs_queue.dlq.url
}

output "function_arn" {
  description = "ARN of the consumer function."
  value       = module.consumer.arn
}

output "function_name" {
  description = "Name of the consumer function."
  value       = module.consumer.name
}

output "log_group_name" {
  description = "Log group of the consumer function."
  value       = module.consumer.log_group_name
}

output "role_arn" {
  description = "Role of the consumer function."
  value       = module.consumer.role_arn
}

output "gateway_role_arn" {
  description = "Role with which the API writes to the ingest queue."
  value       = aws_iam_role.gateway.arn
}

output "access_log_group_name" {
  description = "Log group of the API's access logs; null without access logs."
  value       = one([for group in aws_cloudwatch_log_group.access : group.name])
}

output "reserved" {
  description = "Globs that no call may use, on any route: `events`, `endpoint_ids` and `user_attributes`."
  value = {
    events          = local.reserved_events
    endpoint_ids    = local.reserved_endpoint_ids
    user_attributes = local.reserved_user_attributes
  }
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "alarm_names" {
  description = "Names of all alarms, sorted; `docs/operations.md` says what each means and what to do."
  value       = local.alarm_names
}
