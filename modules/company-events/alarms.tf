locals {
  alarms = {
    events-dlq-depth = {
      description = "Company events are in the dead-letter queue ${local.queue_names.events_dlq}: the announcer failed on them ${var.queues.max_receive_count} times, or a rule or schedule could not deliver them. Their runs have not begun. Read the announcer's errors, mend the cause, then move the messages to ${local.queue_names.events}: a run that began meanwhile does not begin twice."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = local.queue_names.events_dlq }
      statistic   = "Maximum"
      threshold   = 0
    }
    stamps-dlq-depth = {
      description = "Stamps are in the dead-letter queue ${local.queue_names.stamps_dlq}: the stamper failed on them ${var.queues.max_receive_count} times. Their run waits at the step that stamps. Read the stamper's errors, mend the cause, then move the messages to ${local.queue_names.stamps}: endpoints that are stamped already are left alone."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = local.queue_names.stamps_dlq }
      statistic   = "Maximum"
      threshold   = 0
    }
    oldest-event = {
      description = "A company event waits longer than ${var.alarms.oldest_event_age_seconds} seconds in ${local.queue_names.events}: the announcer fails or is throttled. Read its errors. Nothing is lost before ${var.queues.retention_seconds} seconds, and what a plan sends at a fixed moment is refused once that has passed."
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = local.queue_names.events }
      statistic   = "Maximum"
      threshold   = var.alarms.oldest_event_age_seconds
    }
    plans-refused = {
      description = "A plan in the bucket ${local.bucket_names.plans} is not valid, usually after a marketer's edit: events that need it are refused and nothing is sent for them. The log of ${local.function_names.plans} names the file, the path in it, the rule and the remedy. Mend the file, or remove it so that the one under defaults/ holds again."
      namespace   = "CustomerEngagement"
      metric      = "PlansRefused"
      dimensions  = { service = local.function_names.plans }
      statistic   = "Sum"
      threshold   = 0
    }
    runs-refused = {
      description = "A company event came and its run was refused before anything was made: no such plan, a faulty one, an attribute that the plan needs and the event lacks, or too little room for campaigns. The run's item in the table ${local.name} lists the faults. Mend the plan or the producer, then send the event again; its event_id may stay, since nothing came of it."
      namespace   = "CustomerEngagement"
      metric      = "RunsRefused"
      dimensions  = { service = local.function_names.announcer }
      statistic   = "Sum"
      threshold   = 0
    }
    runs-failed = {
      description = "A run failed after it began: the service that sends refused something, or a step failed until the state machine gave up. Messages of earlier steps are out; campaigns that had not started were taken back. The run's item in the table ${local.name} says which step and why. Mend the cause; what was not sent needs an event of its own."
      namespace   = "CustomerEngagement"
      metric      = "RunsFailed"
      dimensions  = { service = local.function_names.step }
      statistic   = "Sum"
      threshold   = 0
    }
    runs-overdue = {
      description = "A step of a run has taken longer than ${var.runs.overdue_seconds} seconds without ending: stamps that are not written, an export that does not end, a campaign that does not complete. The run's item in the table ${local.name} names the step. Look at the stamp queue and its dead-letter queue and at the campaigns' state; stop the run if it must not go on."
      namespace   = "CustomerEngagement"
      metric      = "RunsOverdue"
      dimensions  = { service = local.function_names.step }
      statistic   = "Sum"
      threshold   = 0
    }
    endpoints-refused = {
      description = "A destination refused to write a stamp to some endpoints, for good: their users lack the attribute and may hear the wrong message, or none. The run went on without them. The log of ${local.function_names.stamper} says the reason; often an endpoint is too large, the Pinpoint project knows as many attribute names as it may (250), or Customer Profiles knows no such customer."
      namespace   = "CustomerEngagement"
      metric      = "EndpointsRefused"
      dimensions  = { service = local.function_names.stamper }
      statistic   = "Sum"
      threshold   = 0
    }
    executions-failed = {
      description = "An execution of the state machine ${local.name} failed: its run failed, or the step function could not be called for hours. The announcer closes the run and takes back what has not started. The run's item in the table ${local.name} says why; so do the execution's history in Step Functions and the errors of ${local.function_names.step}."
      namespace   = "AWS/States"
      metric      = "ExecutionsFailed"
      dimensions  = { StateMachineArn = local.machine_arn }
      statistic   = "Sum"
      threshold   = 0
    }
    executions-timed-out = {
      description = "An execution of the state machine ${local.name} ended because Step Functions keeps none longer than a year: the waits of its plan are too long together, or a step never ended. The announcer closes the run. Divide the plan into two events."
      namespace   = "AWS/States"
      metric      = "ExecutionsTimedOut"
      dimensions  = { StateMachineArn = local.machine_arn }
      statistic   = "Sum"
      threshold   = 0
    }
  }

  # Only Pinpoint has journeys, and calls functions.
  pinpoint_alarms = {
    journeys-refused = {
      description = "Pinpoint does not take the journey of a plan: too many event-triggered journeys are active in the account (20 by default), or the journey breaks a rule. Events of the plan go to an earlier version of its journey if there is one, else to the state machine if the plan says otherwise = state_machine, else they wait in ${local.queue_names.events} and go to its dead-letter queue after about ${floor(var.queues.max_receive_count * var.function.timeout_seconds.announcer * 6 / 3600)} hours. The log of ${local.function_names.plans} says why. Cancel a journey that nobody needs, or let the plan use the state machine."
      namespace   = "CustomerEngagement"
      metric      = "JourneysRefused"
      dimensions  = { service = local.function_names.plans }
      statistic   = "Sum"
      threshold   = 0
    }
    journeys-mended = {
      description = "A plan's journey was cancelled or deleted by hand, and was made again. Runs that stood in it went on without it. Nobody has to do anything; to end a plan, remove its file from the bucket ${local.bucket_names.plans}."
      namespace   = "CustomerEngagement"
      metric      = "JourneysMended"
      dimensions  = { service = local.function_names.plans }
      statistic   = "Sum"
      threshold   = 0
    }
    journeys-lost = {
      description = "A run's journey was never made, or did not call for a step in time (journeys.call_timeout_seconds is ${var.journeys.call_timeout_seconds}), and the state machine went on without it: the run is complete, only its journey is not to be trusted. The run's item in the table ${local.name} says which step. Look at the journey's state and metrics in Pinpoint, and at the errors of ${local.name}-journey."
      namespace   = "CustomerEngagement"
      metric      = "JourneysLost"
      dimensions  = { service = local.function_names.step }
      statistic   = "Sum"
      threshold   = 0
    }
    journey-calls-refused = {
      description = "A journey that somebody has drawn calls for a step that does not exist or cannot be done for those who stand there. Nothing was done for them. The log of ${local.name}-journey says what to write into the journey's block."
      namespace   = "CustomerEngagement"
      metric      = "JourneyCallsRefused"
      dimensions  = { service = "${local.name}-journey" }
      statistic   = "Sum"
      threshold   = 0
    }
  }

  interaction_alarms = {
    interactions-dlq-depth = {
      description = "What customers did was not recorded within 12 hours: the dead-letter queue ${local.interactions_dlq} names the records by shard and sequence number. Steps that go by what customers did may reach somebody whom they should not. Read the errors of ${local.name}-recorder and mend the cause; the records themselves stay in the stream for as long as it keeps them (24 hours, unless the stream is yours)."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = local.interactions_dlq }
      statistic   = "Maximum"
      threshold   = 0
    }
    interactions-behind = {
      description = "The recorder is more than five minutes behind the event stream: it fails, is throttled, or cannot read the table or Pinpoint's campaigns. Steps that go by what customers did wait for it as long as interactions.max_wait_seconds says, then go on and say so in the run. Read the errors and warnings of ${local.name}-recorder; it catches up by itself once the cause is mended."
      namespace   = "AWS/Lambda"
      metric      = "IteratorAge"
      dimensions  = { FunctionName = "${local.name}-recorder" }
      statistic   = "Maximum"
      threshold   = 300000
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = merge(local.alarms, var.destination.pinpoint == null ? null : local.pinpoint_alarms, var.interactions == null ? null : local.interaction_alarms)

  alarm_name          = "${local.name}-${each.key}"
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

locals {
  alarm_names = sort(concat([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name], flatten([for function in module.function : function.alarm_names])))
}
