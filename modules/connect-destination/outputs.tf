locals {
  destination = {
    domain_name        = local.domain_name
    domain_arn         = local.domain_arn
    object_types       = local.object_type_names
    profile_attributes = var.profile_attributes
    instance_id        = var.instance_id
    campaign_flow_arn  = var.campaign_flow_arn
    senders            = var.senders
    templates = { for name, template in var.templates : name => {
      arn               = template.arn
      campaign_flow_arn = template.campaign_flow_arn == null ? var.campaign_flow_arn : template.campaign_flow_arn
    } }
  }
}

output "destination" {
  description = "What `destination.connect` of modules/pixel and modules/company-events takes; rates may be merged in."
  value       = local.destination

  # Nobody writes objects of a type that is not there yet.
  depends_on = [aws_cloudformation_stack.object_types]
}

output "domain_name" {
  description = "Name of the domain in Customer Profiles."
  value       = local.destination.domain_name
}

output "domain_arn" {
  description = "ARN of the domain."
  value       = local.domain_arn
}

output "object_types" {
  description = "Names of the object types of events: `public` and `trusted`."
  value       = local.object_type_names
}

output "unmatched_queue_arn" {
  description = "ARN of the queue of objects that fit no profile; null with a domain that exists, whose owner names one."
  value       = one([for queue in aws_sqs_queue.unmatched : queue.arn])
}

output "unmatched_queue_url" {
  description = "URL of the queue of objects that fit no profile; null with a domain that exists."
  value       = one([for queue in aws_sqs_queue.unmatched : queue.url])
}

output "triggers" {
  description = "Event-triggered sends, by their key: `event_trigger_name` in Customer Profiles, `campaign_arn`, and whether it `runs`."
  value = { for key, stack in aws_cloudformation_stack.trigger : key => {
    event_trigger_name = local.triggers[key].name
    campaign_arn       = stack.outputs["CampaignArn"]
    runs               = var.run_triggers
  } }
}

output "function_name" {
  description = "Name of the function that starts and stops the triggers' campaigns; null without triggers."
  value       = one([for function in module.function : function.name])
}

output "alarm_names" {
  description = "Names of all alarms, sorted; their descriptions say what each means and what to do."
  value       = sort(concat([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name], flatten([for function in module.function : function.alarm_names])))
}
