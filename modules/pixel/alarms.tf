locals {
  alarms = {
    dlq-depth = {
      description = "Events are in the dead-letter queue ${local.queue_names.dlq}: they came back ${var.queue.max_receive_count} times, usually because Pinpoint was not available for hours. Read the consumer's errors, mend the cause, then redrive the queue to ${local.queue_names.ingest}. Messages are kept for 14 days from the time of the call."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = local.queue_names.dlq }
      statistic   = "Maximum"
      threshold   = 0
    }
    oldest-event = {
      description = "Events wait longer than ${var.alarms.oldest_message_age_seconds} seconds in ${local.queue_names.ingest}: more come than PutEvents takes at this environment's share, or the consumer fails. Look at PutEventsThrottled and EventsReturned and at the consumer's errors. Nothing is lost before ${var.queue.retention_seconds} seconds."
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = local.queue_names.ingest }
      statistic   = "Maximum"
      threshold   = var.alarms.oldest_message_age_seconds
    }
    rejects = {
      description = "More than ${var.alarms.rejects_per_5_minutes} events in 5 minutes were refused for good: a tag sends what the lists or Pinpoint's limits do not allow, or somebody tries the open URL. The metric EventsRejected counts them by reason; the messages in ${local.queue_names.rejects} say which and why."
      namespace   = "AWS/SQS"
      metric      = "NumberOfMessagesSent"
      dimensions  = { QueueName = local.queue_names.rejects }
      statistic   = "Sum"
      threshold   = var.alarms.rejects_per_5_minutes
    }
    api-errors = {
      description = "More than ${var.alarms.api_errors_per_5_minutes} calls in 5 minutes got a 5xx, so their events were not queued. Check that the role ${aws_iam_role.gateway.name} may write to ${local.queue_names.ingest} and that the queue and its key exist."
      namespace   = "AWS/ApiGateway"
      metric      = "5XXError"
      dimensions  = { ApiName = aws_api_gateway_rest_api.this.name, Stage = aws_api_gateway_stage.this.stage_name }
      statistic   = "Sum"
      threshold   = var.alarms.api_errors_per_5_minutes
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-pixel-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns

  tags = var.tags
}
