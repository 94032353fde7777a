# Event-triggered sends. Each is a campaign that waits for profiles, a trigger that looks at every object, and the
# integration that hands a profile from one to the other; the provider has none of them.

locals {
  contents = { for key, trigger in var.triggers : key => merge(trigger, {
    template_arn = trigger.template == null ? trigger.template_arn : var.templates[trigger.template].arn
    flow_arn     = try(coalesce(trigger.campaign_flow_arn, try(var.templates[trigger.template].campaign_flow_arn, null), var.campaign_flow_arn), null)
    # Hours are known up to 24, whole days beyond.
    period = trigger.max_per_profile.hours <= 24 ? { Unit = "HOURS", Value = trigger.max_per_profile.hours } : { Unit = "DAYS", Value = trigger.max_per_profile.hours / 24 }
  }) }

  channels = { for key, trigger in local.contents : key => {
    EMAIL = { Email = {
      OutboundMode          = { AgentlessConfig = {} }
      DefaultOutboundConfig = { ConnectSourceEmailAddress = var.senders.email, WisdomTemplateArn = trigger.template_arn }
    } }
    SMS = { Sms = {
      OutboundMode          = { AgentlessConfig = {} }
      DefaultOutboundConfig = { ConnectSourcePhoneNumberArn = var.senders.sms, WisdomTemplateArn = trigger.template_arn }
    } }
  } }

  campaigns = { for key, trigger in local.contents : key => {
    ConnectInstanceId      = var.instance_id
    Type                   = "MANAGED"
    Source                 = { EventTrigger = { CustomerProfilesDomainArn = local.domain_arn } }
    ConnectCampaignFlowArn = trigger.flow_arn
    Schedule               = { StartTime = trigger.start_time, EndTime = trigger.end_time }
    ChannelSubtypeConfig   = local.channels[key][trigger.channel]
    # A second guard, should an object that is written again fire again: 0 is without end.
    EntryLimitsConfig = { MaxEntryCount = 0, MinEntryInterval = trigger.max_per_profile.count == 1 ? "PT${trigger.max_per_profile.hours}H" : "PT0S" }
  } }

  # A campaign that was started cannot be changed. The digits make another one of a change, beside the old one.
  triggers = { for key, trigger in local.contents : key => merge(trigger, {
    key  = "${key}-${substr(sha256(jsonencode(local.campaigns[key])), 0, 6)}"
    name = "${var.name}-${key}-${substr(sha256(jsonencode(local.campaigns[key])), 0, 6)}"
  }) }

  trigger_resources = { for key, trigger in local.triggers : key => {
    Campaign = {
      Type = "AWS::ConnectCampaignsV2::Campaign"
      Properties = merge(local.campaigns[key], {
        Name = trigger.name
        # Without its owner people cannot see a campaign in Amazon Connect's own pages.
        Tags = [
          { Key = local.environment_tag.key, Value = local.environment_tag.value },
          { Key = "owner", Value = "arn:${local.partition}:connect:${local.region}:${local.account_id}:instance/${var.instance_id}" },
        ]
      })
    }
    EventTrigger = {
      Type = "AWS::CustomerProfiles::EventTrigger"
      Properties = merge(
        {
          DomainName       = local.domain_name
          EventTriggerName = trigger.name
          ObjectTypeName   = local.object_type_names[trigger.route]
          Description      = "Starts the campaign ${trigger.name} at ${trigger.event}."
          EventTriggerConditions = [{
            LogicalOperator = "ALL"
            EventTriggerDimensions = [{
              ObjectAttributes = concat(
                [{ FieldName = "eventType", ComparisonOperator = "INCLUSIVE", Values = [trigger.event] }],
                [for name, values in trigger.attributes : { FieldName = "event_${name}", ComparisonOperator = "INCLUSIVE", Values = values }],
              )
            }]
          }]
          EventTriggerLimits = {
            EventExpiration = trigger.event_expiration_minutes * 60000
            Periods         = [merge(trigger.period, { MaxInvocationsPerProfile = trigger.max_per_profile.count })]
          }
        },
        trigger.segment_definition_name == null ? {} : { SegmentFilter = trigger.segment_definition_name },
      )
    }
    # Customer Profiles refuses to delete a trigger that an integration uses: what depends on others goes first.
    Integration = {
      Type      = "AWS::CustomerProfiles::Integration"
      DependsOn = ["Campaign", "EventTrigger"]
      Properties = {
        DomainName        = local.domain_name
        Uri               = { "Fn::GetAtt" = ["Campaign", "Arn"] }
        EventTriggerNames = [trigger.name]
      }
    }
  } }
}

resource "aws_cloudformation_stack" "trigger" {
  # checkov:skip=CKV_AWS_124:The stack is made and watched by Terraform, which reports how it ends.
  for_each = local.triggers

  name       = "${var.name}-connect-trigger-${each.value.key}"
  on_failure = "DELETE"

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "Messages that ${each.value.event} starts, of ${var.name}."
    Resources                = local.trigger_resources[each.key]
    Outputs                  = { CampaignArn = { Value = { "Fn::GetAtt" = ["Campaign", "Arn"] } } }
  })

  tags = var.tags

  lifecycle {
    # The old one sends until the new one is there, and goes when its campaign has stopped.
    create_before_destroy = true
  }

  # A trigger names an object type and its fields.
  depends_on = [aws_cloudformation_stack.object_types]
}

# ---------------------------------------------------------------------------------------------------------------------
# CloudFormation makes campaigns, starts none, and deletes none that is under way
# ---------------------------------------------------------------------------------------------------------------------

locals {
  dist = "${path.module}/../../dist"
  zips = {
    function = "${local.dist}/engagement-function.zip"
    layer    = "${local.dist}/engagement-layer.zip"
  }

  # The function is there with triggers only.
  keeping       = toset(length(var.triggers) == 0 ? [] : ["this"])
  function_name = "${var.name}-connect-triggers"
}

resource "aws_lambda_layer_version" "dependencies" {
  for_each = local.keeping

  layer_name        = "${var.name}-connect-dependencies"
  description       = "Third-party packages of the function that starts and stops campaigns, pure Python."
  filename          = var.lambda_package == null ? local.zips.layer : null
  s3_bucket         = try(var.lambda_package.s3_bucket, null)
  s3_key            = try(var.lambda_package.layer_key, null)
  s3_object_version = try(var.lambda_package.layer_version, null)
  source_code_hash  = var.lambda_package == null ? try(filebase64sha256(local.zips.layer), null) : null

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.lambda_package != null || fileexists(local.zips.layer)
      error_message = "The layer's zip ${local.zips.layer} does not exist: run make package in the module's repository, or set lambda_package."
    }
  }
}

data "aws_iam_policy_document" "function" {
  statement {
    sid = "StartAndStopOwnCampaigns"
    actions = [
      "connect-campaigns:PauseCampaign",
      "connect-campaigns:ResumeCampaign",
      "connect-campaigns:StartCampaign",
      "connect-campaigns:StopCampaign",
    ]
    resources = ["arn:${local.partition}:connect-campaigns:${local.region}:${local.account_id}:campaign/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.environment_tag.key}"
      values   = [local.environment_tag.value]
    }
  }

  # A campaign that is gone has no tag, and must not look like one that is forbidden.
  statement {
    sid       = "SeeStates"
    actions   = ["connect-campaigns:GetCampaignState"]
    resources = ["arn:${local.partition}:connect-campaigns:${local.region}:${local.account_id}:campaign/*"]
  }
}

module "function" {
  source   = "../function"
  for_each = local.keeping

  name                     = local.function_name
  description              = "Starts, pauses, resumes and stops the campaigns of event triggers."
  tags                     = var.tags
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  alarm_topic_arns         = var.alarm_topic_arns
  xray_tracing             = var.xray_tracing

  alarm_consequences = {
    errors    = "Terraform's apply says so."
    throttles = "Terraform's apply says so."
  }

  code = {
    filename          = var.lambda_package == null ? local.zips.function : null
    s3_bucket         = try(var.lambda_package.s3_bucket, null)
    s3_key            = try(var.lambda_package.function_key, null)
    s3_object_version = try(var.lambda_package.function_version, null)
  }
  layers      = [aws_lambda_layer_version.dependencies[each.key].arn]
  handler     = "engagement.handlers.triggers.handler"
  policy_json = data.aws_iam_policy_document.function.json

  # Terraform waits a minute for an answer.
  settings = merge(var.function, { timeout_seconds = 60, memory_mb = 256 })
}

locals {
  campaign_ids = { for key, stack in aws_cloudformation_stack.trigger : key => split("/", stack.outputs["CampaignArn"])[1] }
}

# Called when campaigns go: after the new stacks are there and before the old ones are deleted, which fails as long as a
# campaign is under way. When nothing stays, an error keeps the stacks, and the next destroy calls again.
resource "aws_lambda_invocation" "stop" {
  for_each = local.keeping

  function_name   = module.function[each.key].name
  lifecycle_scope = "CRUD"

  input = jsonencode({ campaigns = local.campaign_ids })

  depends_on = [module.function]
}

# An error of the function ends the apply, and the next one calls it again: nothing is kept of a call that failed.
resource "aws_lambda_invocation" "start" {
  for_each = local.keeping

  function_name   = module.function[each.key].name
  lifecycle_scope = "CREATE_ONLY"

  input = jsonencode({
    run       = var.run_triggers
    campaigns = local.campaign_ids
    left      = jsondecode(aws_lambda_invocation.stop[each.key].result).left
  })
}
