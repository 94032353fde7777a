# ---------------------------------------------------------------------------------------------------------------------
# Plans given to Terraform: checked, then uploaded to defaults/
# ---------------------------------------------------------------------------------------------------------------------

locals {
  plan_settings = jsonencode({
    custom_channels           = { for channel, settings in var.custom_channels : channel => settings.function_arn }
    allowed_senders           = var.allowed_senders
    reserved_user_attributes  = local.reserved_user_attributes
    reserved_active_campaigns = var.reserved_active_campaigns
    stamp_function            = local.function_arns.stamp_hook
    filter_function           = try(local.function_arns.filter, "")
    start_lead_seconds        = var.start_lead_seconds
  })
}

# The function answers what is wrong and never fails for a faulty plan: the provider would save the new input of a failed
# update as done. When this is destroyed the function removes the schedules that it made.
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
