# What functions may do in Pinpoint, if it is a destination. Where AWS's guide and its service authorization reference name
# different resources, both are allowed.

locals {
  follow_campaigns = ["mobiletargeting:DeleteCampaign", "mobiletargeting:GetCampaign", "mobiletargeting:GetCampaignActivities", "mobiletargeting:UpdateCampaign"]
  # No call of the pixel can name one of these.
  company_endpoint_arns = "${local.application_arn}/endpoints/company-*"

  pinpoint_statements = {
    announcer = {
      CountCampaigns = { actions = ["mobiletargeting:GetCampaigns"], resources = [local.application_arn] }
      TakeCampaignsBack = {
        actions   = local.follow_campaigns
        resources = ["${local.application_arn}/campaigns/*"]
      }
      RemoveCompanyEndpoints = { actions = ["mobiletargeting:DeleteEndpoint"], resources = [local.company_endpoint_arns] }
    }

    step = {
      KeepCompanyEndpoints = {
        actions   = ["mobiletargeting:DeleteEndpoint", "mobiletargeting:GetEndpoint", "mobiletargeting:UpdateEndpoint"]
        resources = [local.company_endpoint_arns]
      }
      EnterJourneys = { actions = ["mobiletargeting:PutEvents"], resources = ["${local.application_arn}/events"] }
      MakeSegments = {
        actions   = ["mobiletargeting:CreateSegment", "mobiletargeting:GetSegments"]
        resources = [local.application_arn, "${local.application_arn}/segments"]
      }
      RemoveSegments = { actions = ["mobiletargeting:DeleteSegment"], resources = ["${local.application_arn}/segments/*"] }
      MakeCampaigns = {
        actions   = ["mobiletargeting:CreateCampaign", "mobiletargeting:GetCampaigns"]
        resources = [local.application_arn, "${local.application_arn}/campaigns"]
      }
      FollowCampaigns = {
        actions   = local.follow_campaigns
        resources = ["${local.application_arn}/campaigns/*"]
      }
      TagWhatIsMade = {
        actions   = ["mobiletargeting:TagResource"]
        resources = ["${local.application_arn}/campaigns/*", "${local.application_arn}/segments/*"]
      }
      ExportAudiences = {
        actions   = ["mobiletargeting:CreateExportJob", "mobiletargeting:GetExportJob"]
        resources = [local.application_arn, "${local.application_arn}/jobs/export/*"]
      }
      LetPinpointExport = {
        actions    = ["iam:PassRole"]
        resources  = [local.role_arns.exports]
        conditions = { "iam:PassedToService" = "pinpoint.amazonaws.com" }
      }
    }

    stamper = merge(
      { WriteUserAttributes = { actions = ["mobiletargeting:UpdateEndpointsBatch"], resources = [local.application_arn] } },
      # An update of customers whom Connect has found must keep what Pinpoint has of them, such as an opt-out.
      var.destination.connect == null ? null : {
        LookAtEndpoints = { actions = ["mobiletargeting:GetEndpoint"], resources = ["${local.application_arn}/endpoints/*"] }
      },
    )

    plans = {
      MakeJourneys = {
        actions   = ["mobiletargeting:CreateJourney", "mobiletargeting:ListJourneys"]
        resources = [local.application_arn, "${local.application_arn}/journeys"]
      }
      KeepJourneys = {
        actions   = ["mobiletargeting:DeleteJourney", "mobiletargeting:GetJourney", "mobiletargeting:UpdateJourneyState"]
        resources = ["${local.application_arn}/journeys/*"]
      }
      MakeTheEntrySegment = {
        actions   = ["mobiletargeting:CreateSegment", "mobiletargeting:GetSegments"]
        resources = [local.application_arn, "${local.application_arn}/segments"]
      }
      RemoveTheEntrySegment = { actions = ["mobiletargeting:DeleteSegment"], resources = ["${local.application_arn}/segments/*"] }
    }
  }
}
