locals {
  api_dimensions = ["ApiName", aws_api_gateway_rest_api.this.name, "Stage", aws_api_gateway_stage.this.stage_name]

  destination_graphs = {
    pinpoint = {
      title   = "Requests to Pinpoint"
      metrics = [for name in ["Requests", "Throttled"] : ["CustomerEngagement", "PutEvents${name}", "service", local.service]]
    }
    connect = {
      title   = "Requests to Customer Profiles"
      metrics = [for name in ["Requests", "Throttled"] : ["CustomerEngagement", "PutObjects${name}", "service", local.service]]
    }
  }

  graphs = concat(local.graphs_of_calls, [
    for name in ["pinpoint", "connect"] : local.destination_graphs[name] if var.destination[name] != null
  ], local.graphs_of_queues)

  graphs_of_calls = [
    {
      title = "Calls"
      metrics = [
        concat(["AWS/ApiGateway", "Count"], local.api_dimensions),
        concat(["AWS/ApiGateway", "4XXError"], local.api_dimensions),
        concat(["AWS/ApiGateway", "5XXError"], local.api_dimensions),
      ]
    },
    {
      title = "Milliseconds until the answer"
      metrics = [
        for statistic in ["p50", "p99"] : concat(["AWS/ApiGateway", "Latency"], local.api_dimensions, [{ stat = statistic }])
      ]
    },
    {
      title   = "Events"
      metrics = [for name in ["Received", "Sent", "Deduplicated", "Rejected", "Requeued", "Returned"] : ["CustomerEngagement", "Events${name}", "service", local.service]]
    },
  ]

  graphs_of_queues = [
    {
      title = "Messages in the queues"
      metrics = [
        for role, name in local.queue_names : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name, { stat = "Maximum", label = role }]
      ]
    },
    {
      title   = "Seconds that the oldest event waits"
      metrics = [["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", local.queue_names.ingest, { stat = "Maximum" }]]
    },
    {
      title   = "Rejected events by reason"
      metrics = [[{ expression = "SEARCH('{CustomerEngagement,service,reason} MetricName=\"EventsRejected\" service=\"${local.service}\"', 'Sum', 300)", label = "" }]]
    },
    {
      title   = "Dropped values by reason"
      metrics = [[{ expression = "SEARCH('{CustomerEngagement,service,reason} MetricName=\"ValuesDropped\" service=\"${local.service}\"', 'Sum', 300)", label = "" }]]
    },
    {
      title   = "Consumer"
      metrics = [for name in ["Invocations", "Errors", "Throttles"] : ["AWS/Lambda", name, "FunctionName", local.service]]
    },
    {
      title   = "Milliseconds of the consumer"
      metrics = [for statistic in ["Average", "Maximum"] : ["AWS/Lambda", "Duration", "FunctionName", local.service, { stat = statistic }]]
    },
  ]
}

# Dashboards are global in an account, so the name carries the Region.
resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.name}-pixel-${local.region}"

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type   = "alarm"
        x      = 0
        y      = 0
        width  = 24
        height = 3
        properties = {
          title  = "Alarms"
          alarms = [for name in local.alarm_names : "arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}:alarm:${name}"]
        }
      }],
      [for index, graph in local.graphs : {
        type   = "metric"
        x      = index % 2 * 12
        y      = 3 + floor(index / 2) * 6
        width  = 12
        height = 6
        properties = {
          title   = graph.title
          metrics = graph.metrics
          region  = local.region
          stat    = "Sum"
          period  = 300
          view    = "timeSeries"
        }
      }],
    )
  })
}
