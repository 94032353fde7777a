locals {
  service = "${var.name}-pixel-consumer"

  once = { looked_at = 1, breaching = 1 }
  # What comes back waits longer each time: in an outage even a single event comes back in three of twelve periods, and
  # a fault that passes does not.
  lasting = { looked_at = 12, breaching = 3 }

  alarms = {
    dlq-depth = {
      description = "Events are in the dead-letter queue ${local.queue_names.dlq}: they came back ${var.queue.max_receive_count} times, usually because a destination was not available for hours. Read the consumer's errors, mend the cause, then replay the queue to ${local.queue_names.ingest}. Messages are kept for 14 days from the time of the call."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = local.queue_names.dlq }
      statistic   = "Maximum"
      threshold   = 0
    }
    oldest-event = {
      description = "Events wait longer than ${var.alarms.oldest_message_age_seconds} seconds in ${local.queue_names.ingest}: more come than a destination takes at this environment's share, or the consumer fails. Look at PutEventsThrottled, PutObjectsThrottled and EventsReturned and at the consumer's errors. Nothing is lost before ${var.queue.retention_seconds} seconds."
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = local.queue_names.ingest }
      statistic   = "Maximum"
      threshold   = var.alarms.oldest_message_age_seconds
    }
    rejects = {
      description = "More than ${var.alarms.rejects_per_5_minutes} events in 5 minutes were refused for good: a tag sends what the lists or the destination's limits do not allow, or somebody tries the open URL. The metric EventsRejected counts them by reason; the messages in ${local.queue_names.rejects} say which and why. Correct the tag or the lists, then replay what should have passed."
      namespace   = "AWS/SQS"
      metric      = "NumberOfMessagesSent"
      dimensions  = { QueueName = local.queue_names.rejects }
      statistic   = "Sum"
      threshold   = var.alarms.rejects_per_5_minutes
    }
    api-errors = {
      description = "More than ${var.alarms.api_errors_per_5_minutes} calls in 5 minutes got a 5xx, so their events were not queued. Check that the role ${aws_iam_role.gateway.name} may write to ${local.queue_names.ingest}, that the queue and its key exist, and that the authorizer of the trusted route answers. Bodies above 64 KiB get one too."
      namespace   = "AWS/ApiGateway"
      metric      = "5XXError"
      dimensions  = { ApiName = aws_api_gateway_rest_api.this.name, Stage = aws_api_gateway_stage.this.stage_name }
      statistic   = "Sum"
      threshold   = var.alarms.api_errors_per_5_minutes
    }
    api-refusals = {
      description = "More than ${var.alarms.refusals_per_5_minutes} calls in 5 minutes got a 4xx, so their events were not queued: a throttle (429), a tag without event or endpoint_id (400), a body of another type (415), a caller whom the authorizer, the web ACL or the path refuses (401, 403). The access logs say which. Raise the throttle or mend the tag; for a flood from outside, add a rate rule to the web ACL."
      namespace   = "AWS/ApiGateway"
      metric      = "4XXError"
      dimensions  = { ApiName = aws_api_gateway_rest_api.this.name, Stage = aws_api_gateway_stage.this.stage_name }
      statistic   = "Sum"
      threshold   = var.alarms.refusals_per_5_minutes
    }
    events-returned = {
      description = "Events go back to ${local.queue_names.ingest} with their message, more than ${var.alarms.retries_per_5_minutes} in 5 minutes, three times within an hour: a destination fails, is slow or throttles them until the function's time is over. They come again, later each time, up to ${var.queue.max_receive_count} times. Look at the consumer's log and at the destination's health; there is nothing to do if it passes."
      namespace   = "CustomerEngagement"
      metric      = "EventsReturned"
      dimensions  = { service = local.service }
      statistic   = "Sum"
      threshold   = var.alarms.retries_per_5_minutes
      periods     = local.lasting
    }
    events-requeued = {
      description = "Events are put back alone, more than ${var.alarms.retries_per_5_minutes} in 5 minutes, three times within an hour: a destination takes only a part of their request's events, or only one of two takes them. A message that is put back begins its age anew, so the alarm of the oldest event does not see it; after ${var.queue.max_receive_count} attempts it goes to ${local.queue_names.dlq}. Read the consumer's log for the status of the events that fail."
      namespace   = "CustomerEngagement"
      metric      = "EventsRequeued"
      dimensions  = { service = local.service }
      statistic   = "Sum"
      threshold   = var.alarms.retries_per_5_minutes
      periods     = local.lasting
    }
  }

  # Only of what is a destination.
  pinpoint_alarms = {
    pinpoint-throttles = {
      description = "Pinpoint throttled more than ${var.alarms.throttles_per_5_minutes} requests in 5 minutes, although the consumer keeps to ${try(var.destination.pinpoint.put_events_rate, 0)} per second: apps or other environments use the account's quota too. No event is lost. Lower destination.pinpoint.put_events_rate to what is left, or ask AWS for more."
      namespace   = "CustomerEngagement"
      metric      = "PutEventsThrottled"
      dimensions  = { service = local.service }
      statistic   = "Sum"
      threshold   = var.alarms.throttles_per_5_minutes
    }
  }

  profiles_alarms = {
    profiles-throttles = {
      description = "Customer Profiles throttled more than ${var.alarms.throttles_per_5_minutes} requests in 5 minutes, although the consumer keeps to ${try(var.destination.connect.put_objects_rate, 0)} objects per second: others use the account's quota too. No event is lost. Lower destination.connect.put_objects_rate to what is left, or ask AWS for more."
      namespace   = "CustomerEngagement"
      metric      = "PutObjectsThrottled"
      dimensions  = { service = local.service }
      statistic   = "Sum"
      threshold   = var.alarms.throttles_per_5_minutes
    }
  }

  # Only where tokens mean something.
  token_alarms = {
    tokens-unknown-key = {
      description = "More than ${var.alarms.bad_tokens_per_5_minutes} tokens in 5 minutes name a key that the document of keys does not hold, usually after a rotation: customers' attributes are not written. Add the key to the document before the backend mints with it; the consumer reads it again within 5 minutes."
      namespace   = "CustomerEngagement"
      metric      = "ValuesDropped"
      dimensions  = { service = local.service, reason = "token_unknown_key" }
      statistic   = "Sum"
      threshold   = var.alarms.bad_tokens_per_5_minutes
    }
    tokens-forged = {
      description = "More than ${var.alarms.bad_tokens_per_5_minutes} tokens in 5 minutes have a signature that their key did not make: the backend mints with another key, for another audience (${local.token_audience} is ours) or for another endpoint id than the page sends, or somebody forges. No customer attribute was written. Compare the backend's key and audience; if they are right, add a rate rule to the web ACL."
      namespace   = "CustomerEngagement"
      metric      = "ValuesDropped"
      dimensions  = { service = local.service, reason = "token_forged" }
      statistic   = "Sum"
      threshold   = var.alarms.bad_tokens_per_5_minutes
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = merge(
    local.alarms,
    var.destination.pinpoint == null ? null : local.pinpoint_alarms,
    var.destination.connect == null ? null : local.profiles_alarms,
    { for key, alarm in local.token_alarms : key => alarm if var.token != null },
  )

  alarm_name          = "${var.name}-pixel-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = try(each.value.periods, local.once).looked_at
  datapoints_to_alarm = try(each.value.periods, local.once).breaching
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns

  tags = var.tags
}

locals {
  alarm_names = sort(concat([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name], module.consumer.alarm_names))
}
