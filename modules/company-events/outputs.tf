output "bus_name" {
  description = "Name of the bus on which company events arrive."
  value       = local.bus_name
}

output "bus_arn" {
  description = "ARN of the bus: what producers of another account name in PutEvents."
  value       = local.bus_arn
}

output "producer_policy_json" {
  description = "IAM policy document for producers, here or in another account: they may put events on the bus, and thereby start and stop runs."
  value       = data.aws_iam_policy_document.producer.json
}

output "events_queue_arn" {
  description = "ARN of the queue between the bus and the announcer."
  value       = aws_sqs_queue.events.arn
}

output "events_queue_url" {
  description = "URL of the queue between the bus and the announcer."
  value       = aws_sqs_queue.events.url
}

output "events_dlq_arn" {
  description = "ARN of the dead-letter queue of company events."
  value       = aws_sqs_queue.events_dlq.arn
}

output "events_dlq_url" {
  description = "URL of the dead-letter queue of company events."
  value       = aws_sqs_queue.events_dlq.url
}

output "stamp_queue_arn" {
  description = "ARN of the queue of endpoints that are to be stamped."
  value       = aws_sqs_queue.stamps.arn
}

output "stamp_queue_url" {
  description = "URL of the queue of endpoints that are to be stamped."
  value       = aws_sqs_queue.stamps.url
}

output "stamp_dlq_arn" {
  description = "ARN of the dead-letter queue of stamps."
  value       = aws_sqs_queue.stamps_dlq.arn
}

output "stamp_dlq_url" {
  description = "URL of the dead-letter queue of stamps."
  value       = aws_sqs_queue.stamps_dlq.url
}

output "plan_bucket_name" {
  description = "Name of the bucket of plans: `defaults/<event>.json` is Terraform's, `plans/<event>.json` is for marketers and wins."
  value       = aws_s3_bucket.this["plans"].id
}

output "plan_bucket_arn" {
  description = "ARN of the bucket of plans; marketers need `s3:PutObject`, `s3:GetObject` and `s3:DeleteObject` on its `plans/*`."
  value       = aws_s3_bucket.this["plans"].arn
}

output "export_bucket_name" {
  description = "Name of the bucket of exported audiences, whose objects expire after a day."
  value       = aws_s3_bucket.this["exports"].id
}

output "ledger_table_name" {
  description = "Name of the table of runs."
  value       = aws_dynamodb_table.ledger.name
}

output "ledger_table_arn" {
  description = "ARN of the table of runs."
  value       = aws_dynamodb_table.ledger.arn
}

output "state_machine_arn" {
  description = "ARN of the state machine that walks the steps of runs."
  value       = aws_sfn_state_machine.this.arn
}

output "schedule_groups" {
  description = "Names of the groups of schedules: `plans` for those of plans, `recurring` for those of Terraform."
  value       = { for role, group in aws_scheduler_schedule_group.this : role => group.name }
}

output "interactions" {
  description = "What is recorded of customers: `stream_arn` of the event stream, `table_name` and `table_arn`, and `dlq_arn`, `dlq_url` of what could not be recorded. null without `interactions`."
  value = one([
    for key in keys(local.interactions) : {
      stream_arn = local.stream_arn
      table_name = aws_dynamodb_table.interactions[key].name
      table_arn  = aws_dynamodb_table.interactions[key].arn
      dlq_arn    = aws_sqs_queue.interactions_dlq[key].arn
      dlq_url    = aws_sqs_queue.interactions_dlq[key].url
    }
  ])
}

output "functions" {
  description = "The functions `announcer`, `step`, `stamp_hook`, `stamper`, `journey` and `plans`, with interactions also `recorder`, `filter` and `event_stream`: of each `arn`, `name`, `role_arn` and `log_group_name`."
  value = {
    for role, function in module.function : role => {
      arn            = function.arn
      name           = function.name
      role_arn       = function.role_arn
      log_group_name = function.log_group_name
    }
  }
}

output "log_group_name" {
  description = "Log group of the state machine."
  value       = aws_cloudwatch_log_group.machine.name
}

output "reserved_events" {
  description = "What no pixel call may send: names of the plans given, and globs of the events that enter journeys."
  value       = concat(["company-*"], keys(var.plans))
}

output "reserved_user_attributes" {
  description = "User attributes that the plans given stamp, which no pixel call may write."
  value       = distinct(flatten([for text in values(var.plans) : [for step in try(jsondecode(text).steps, []) : keys(try(step.stamp.set, {}))]]))
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "alarm_names" {
  description = "Names of all alarms, sorted; their descriptions say what each means and what to do."
  value       = local.alarm_names
}
