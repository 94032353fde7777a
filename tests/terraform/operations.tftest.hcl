# modules/pixel: alarms and dashboard.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "alarms" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    alarm_topic_arns = ["arn:aws:sns:eu-west-1:123456789012:alarms"]
    token            = { keys_arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/keys" }
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => "${alarm.namespace} ${alarm.metric_name} ${alarm.statistic} > ${alarm.threshold}" } == {
      dlq-depth          = "AWS/SQS ApproximateNumberOfMessagesVisible Maximum > 0"
      oldest-event       = "AWS/SQS ApproximateAgeOfOldestMessage Maximum > 900"
      rejects            = "AWS/SQS NumberOfMessagesSent Sum > 10"
      api-errors         = "AWS/ApiGateway 5XXError Sum > 5"
      api-refusals       = "AWS/ApiGateway 4XXError Sum > 100"
      events-returned    = "CustomerEngagement EventsReturned Sum > 0"
      events-requeued    = "CustomerEngagement EventsRequeued Sum > 0"
      pinpoint-throttles = "CustomerEngagement PutEventsThrottled Sum > 50"
      tokens-unknown-key = "CustomerEngagement ValuesDropped Sum > 50"
      tokens-forged      = "CustomerEngagement ValuesDropped Sum > 50"
    }
    error_message = "The alarms must watch what they promise."
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => join(" ", [for name, value in alarm.dimensions : "${name}=${value}"]) } == {
      dlq-depth          = "QueueName=demo-pixel-events-dlq"
      oldest-event       = "QueueName=demo-pixel-events"
      rejects            = "QueueName=demo-pixel-rejects"
      api-errors         = "ApiName=demo-pixel Stage=v1"
      api-refusals       = "ApiName=demo-pixel Stage=v1"
      events-returned    = "service=demo-pixel-consumer"
      events-requeued    = "service=demo-pixel-consumer"
      pinpoint-throttles = "service=demo-pixel-consumer"
      tokens-unknown-key = "reason=token_unknown_key service=demo-pixel-consumer"
      tokens-forged      = "reason=token_forged service=demo-pixel-consumer"
    }
    error_message = "Each alarm must watch its own queue, API or consumer."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.treat_missing_data == "notBreaching" && alarm.comparison_operator == "GreaterThanThreshold" && alarm.period == 300 && tolist(alarm.alarm_actions) == var.alarm_topic_arns && tolist(alarm.ok_actions) == var.alarm_topic_arns])
    error_message = "Alarms must be quiet without data and tell the topics both ways."
  }

  assert {
    condition     = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => "${alarm.datapoints_to_alarm} of ${alarm.evaluation_periods}" if alarm.evaluation_periods != 1 } == { events-returned = "3 of 12", events-requeued = "3 of 12" }
    error_message = "What comes back must alarm when it lasts, however little it is; everything else at once."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : length(alarm.alarm_description) > 150 && length(alarm.alarm_description) <= 1024])
    error_message = "Alarms must say what they mean and what to do, in 1,024 characters."
  }

  assert {
    condition     = output.alarm_names == sort(concat([for key in keys(aws_cloudwatch_metric_alarm.this) : "demo-pixel-${key}"], ["demo-pixel-consumer-errors", "demo-pixel-consumer-throttles"]))
    error_message = "The output must name every alarm."
  }
}

run "thresholds" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    alarms = {
      oldest_message_age_seconds = 1
      rejects_per_5_minutes      = 2
      api_errors_per_5_minutes   = 3
      refusals_per_5_minutes     = 4
      retries_per_5_minutes      = 5
      throttles_per_5_minutes    = 6
    }
  }

  assert {
    condition     = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.threshold } == { dlq-depth = 0, oldest-event = 1, rejects = 2, api-errors = 3, api-refusals = 4, events-returned = 5, events-requeued = 5, pinpoint-throttles = 6 }
    error_message = "Thresholds must be the caller's, and without tokens there is no alarm for them."
  }
}

run "dashboard" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition     = aws_cloudwatch_dashboard.this.dashboard_name == "demo-pixel-eu-west-1" && output.dashboard_name == "demo-pixel-eu-west-1"
    error_message = "Dashboards are global in an account, so the name must carry the Region."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.alarms == [for name in output.alarm_names : "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}"]
    error_message = "The dashboard must show every alarm."
  }

  assert {
    condition = alltrue([
      for name in ["EventsReceived", "EventsSent", "EventsDeduplicated", "EventsRejected", "EventsRequeued", "EventsReturned", "ValuesDropped", "PutEventsRequests", "PutEventsThrottled", "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "4XXError", "5XXError", "Latency", "Duration"] :
      strcontains(aws_cloudwatch_dashboard.this.dashboard_body, name)
    ])
    error_message = "The dashboard must show what the alarms and the accounting speak of."
  }

  assert {
    condition     = length(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : "${widget.x} ${widget.y}"])) == length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) && alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.x + widget.width <= 24])
    error_message = "Widgets must stand side by side on CloudWatch's 24 columns."
  }
}
