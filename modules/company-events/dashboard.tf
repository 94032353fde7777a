locals {
  graphs = concat(local.run_graphs, [for graph in local.pinpoint_graphs : graph if var.destination.pinpoint != null], [for graph in local.interaction_graphs : graph if var.interactions != null])

  run_graphs = [
    {
      title   = "Runs that began, or were stopped"
      metrics = [for name in ["Started", "Deduplicated", "Refused", "Stopped"] : ["CustomerEngagement", "Runs${name}", "service", local.function_names.announcer]]
    },
    {
      title   = "Runs that ended"
      metrics = [for name in ["Completed", "Failed", "Overdue"] : ["CustomerEngagement", "Runs${name}", "service", local.function_names.step]]
    },
    {
      title   = "Made in ${title(local.sends_by)}"
      metrics = [for name in ["Segments", "Campaigns"] : ["CustomerEngagement", "${name}Created", "service", local.function_names.step]]
    },
    {
      title = "Endpoints of stamps"
      metrics = [
        ["CustomerEngagement", "EndpointsQueued", "service", "${local.name}-stamp-hook"],
        ["CustomerEngagement", "EndpointsStamped", "service", local.function_names.stamper],
        ["CustomerEngagement", "EndpointsRefused", "service", local.function_names.stamper],
        ["CustomerEngagement", "EndpointsDropped", "service", local.function_names.stamper],
      ]
    },
    {
      title = "Messages in the queues"
      metrics = [
        for role, name in local.queue_names : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name, { stat = "Maximum", label = role }]
      ]
    },
    {
      title = "Seconds that the oldest message waits"
      metrics = [
        for role in ["events", "stamps"] : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", local.queue_names[role], { stat = "Maximum", label = role }]
      ]
    },
    {
      title   = "Executions"
      metrics = [for name in ["Started", "Succeeded", "Failed", "Aborted", "TimedOut"] : ["AWS/States", "Executions${name}", "StateMachineArn", local.machine_arn]]
    },
    {
      title   = "Faulty plans"
      metrics = [["CustomerEngagement", "PlansRefused", "service", local.function_names.plans]]
    },
    {
      title   = "Errors of the functions"
      metrics = [for role, name in local.function_names : ["AWS/Lambda", "Errors", "FunctionName", name, { label = role }]]
    },
    {
      title   = "Longest milliseconds of the functions"
      metrics = [for role, name in local.function_names : ["AWS/Lambda", "Duration", "FunctionName", name, { stat = "Maximum", label = role }]]
    },
  ]

  # Names are written out from here on, since these functions are only there with Pinpoint or with interactions.
  pinpoint_graphs = [
    {
      title = "Journeys: calls, refused ones, journeys refused, made again, and lost to a run"
      metrics = [
        ["CustomerEngagement", "JourneyCalls", "service", "${local.name}-journey"],
        ["CustomerEngagement", "JourneyCallsRefused", "service", "${local.name}-journey"],
        ["CustomerEngagement", "JourneysRefused", "service", local.function_names.plans],
        ["CustomerEngagement", "JourneysMended", "service", local.function_names.plans],
        ["CustomerEngagement", "JourneysLost", "service", local.function_names.step],
      ]
    },
  ]

  interaction_graphs = [
    {
      title = "Interactions: recorded, skipped records, endpoints kept and left out by the filter"
      metrics = [
        ["CustomerEngagement", "InteractionsRecorded", "service", "${local.name}-recorder"],
        ["CustomerEngagement", "RecordsSkipped", "service", "${local.name}-recorder"],
        ["CustomerEngagement", "EndpointsKept", "service", "${local.name}-filter"],
        ["CustomerEngagement", "EndpointsFiltered", "service", "${local.name}-filter"],
      ]
    },
    {
      title   = "Milliseconds that the recorder is behind"
      metrics = [["AWS/Lambda", "IteratorAge", "FunctionName", "${local.name}-recorder", { stat = "Maximum" }]]
    },
  ]
}

# Dashboards are global in an account, so the name carries the Region.
resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${local.name}-${local.region}"

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type   = "alarm"
        x      = 0
        y      = 0
        width  = 24
        height = 4
        properties = {
          title  = "Alarms"
          alarms = [for name in local.alarm_names : "arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}:alarm:${name}"]
        }
      }],
      [for index, graph in local.graphs : {
        type   = "metric"
        x      = index % 2 * 12
        y      = 4 + floor(index / 2) * 6
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
