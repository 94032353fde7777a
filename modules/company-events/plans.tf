# ---------------------------------------------------------------------------------------------------------------------
# Plans given to Terraform: checked, then uploaded to defaults/
# ---------------------------------------------------------------------------------------------------------------------

locals {
  plan_settings = jsonencode({
    custom_channels           = { for channel, settings in var.custom_channels : channel => settings.function_arn }
    allowed_senders           = var.allowed_senders
    reserved_user_attributes  = local.reserved_user_attributes
    reserved_active_campaigns = var.reserved_active_campaigns
    stamp_function            = try(local.function_arns.stamp_hook, "")
    filter_function           = try(local.function_arns.filter, "")
    start_lead_seconds        = var.start_lead_seconds

    sends_by = local.sends_by
    connect  = local.connect_settings

    journey_activities            = var.journeys.activities
    journey_shortest_wait_seconds = var.journeys.shortest_wait_seconds
  })
}

locals {
  # What plans may use of Connect. A function's environment is small: what ARNs share is there once, and a template has a
  # flow only if it is not the default. What does not begin like the first stays whole.
  template_prefix      = try(regex("^.*/", values(var.destination.connect.templates)[0].arn), "")
  campaign_flow_prefix = try(regex("^.*/", coalesce(var.destination.connect.campaign_flow_arn, values(var.destination.connect.templates)[0].campaign_flow_arn)), "")
  connect_settings = var.destination.connect == null ? null : {
    template_prefix      = local.template_prefix
    campaign_flow_prefix = local.campaign_flow_prefix
    campaign_flow_arn    = try(trimprefix(var.destination.connect.campaign_flow_arn, local.campaign_flow_prefix), null)
    templates = { for name, template in var.destination.connect.templates : name => {
      for field, value in {
        arn               = trimprefix(template.arn, local.template_prefix)
        campaign_flow_arn = template.campaign_flow_arn == var.destination.connect.campaign_flow_arn ? null : try(trimprefix(template.campaign_flow_arn, local.campaign_flow_prefix), null)
      } : field => value if value != null
    } }
    senders            = { for channel, sender in var.destination.connect.senders : channel => sender if sender != null }
    profile_attributes = var.destination.connect.profile_attributes
  }
}

# The function answers what is wrong and never fails for a faulty plan: the provider would save the new input of a failed
# update as done.
resource "aws_lambda_invocation" "check" {
  function_name   = module.function["plans"].name
  lifecycle_scope = "CRUD"

  # Plans that were right may be wrong under other settings.
  input = jsonencode({
    check    = { for event, text in var.plans : "${event}.json" => text }
    settings = sha256(local.plan_settings)
  })

  lifecycle {
    postcondition {
      condition     = jsondecode(self.result).ok
      error_message = "plans are not valid, and none was uploaded:\n${join("\n", jsondecode(self.result).errors)}"
    }
  }

  # So that it can still be called when everything is destroyed.
  depends_on = [
    module.function,
    aws_iam_role_policy.service,
    aws_s3_bucket_policy.this,
    aws_scheduler_schedule_group.this,
    aws_sqs_queue.events,
  ]
}

resource "aws_s3_object" "default" {
  # checkov:skip=CKV_AWS_186:The bucket encrypts, with the caller's key if there is one.
  for_each = var.plans

  bucket       = aws_s3_bucket.this["plans"].id
  key          = "defaults/${each.key}.json"
  content      = each.value
  content_type = "application/json"

  tags = var.tags

  depends_on = [
    aws_cloudwatch_event_target.plans,
    aws_lambda_invocation.check,
    aws_lambda_permission.plan_changes,
    aws_s3_bucket_notification.plans,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.plans,
  ]
}

# ---------------------------------------------------------------------------------------------------------------------
# Journeys of these plans: the apply waits for them. When this is destroyed, before anything that runs need, the function
# removes what it made for plans; it refuses as long as runs are under way
# ---------------------------------------------------------------------------------------------------------------------

resource "aws_lambda_invocation" "deploy" {
  function_name   = module.function["plans"].name
  lifecycle_scope = "CRUD"

  input = jsonencode({
    deploy   = keys(var.plans)
    plans    = sha256(jsonencode(var.plans))
    settings = sha256(local.plan_settings)
    force    = var.force_destroy
  })

  lifecycle {
    postcondition {
      condition     = jsondecode(self.result).ok
      error_message = "Pinpoint refuses journeys of plans. The plans are uploaded and their events wait; mend the cause, and the journeys are made within an hour or by the next change:\n${join("\n", jsondecode(self.result).errors)}"
    }
  }

  depends_on = [
    aws_cloudwatch_event_bus_policy.this,
    aws_cloudwatch_event_target.ended,
    aws_cloudwatch_event_target.events,
    aws_dynamodb_table.interactions,
    aws_dynamodb_table.ledger,
    aws_lambda_event_source_mapping.events,
    aws_lambda_event_source_mapping.interactions,
    aws_lambda_event_source_mapping.stamps,
    aws_lambda_invocation.event_stream,
    aws_lambda_permission.custom_channel,
    aws_lambda_permission.pinpoint,
    aws_s3_object.default,
    aws_scheduler_schedule.reconcile,
    aws_scheduler_schedule.start,
    aws_sfn_state_machine.this,
  ]
}

# ---------------------------------------------------------------------------------------------------------------------
# Changes of plans, from Terraform and from marketers, reach the plans function
# ---------------------------------------------------------------------------------------------------------------------

resource "aws_s3_bucket_notification" "plans" {
  bucket      = aws_s3_bucket.this["plans"].id
  eventbridge = true
}

# S3 announces changes on the default bus only.
resource "aws_cloudwatch_event_rule" "plans" {
  name        = "${local.name}-plans"
  description = "Changes in the bucket ${local.bucket_names.plans} reach the function ${local.function_names.plans}."

  event_pattern = jsonencode({
    source        = ["aws.s3"]
    "detail-type" = ["Object Created", "Object Deleted"]
    detail = {
      bucket = { name = [local.bucket_names.plans] }
      object = { key = [{ prefix = "defaults/" }, { prefix = "plans/" }] }
    }
  })

  tags = var.tags
}

resource "aws_cloudwatch_event_target" "plans" {
  rule      = aws_cloudwatch_event_rule.plans.name
  target_id = "plans-function"
  arn       = module.function["plans"].arn
}

resource "aws_lambda_permission" "plan_changes" {
  statement_id  = "PlanChanges"
  action        = "lambda:InvokeFunction"
  function_name = module.function["plans"].name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.plans.arn
}
