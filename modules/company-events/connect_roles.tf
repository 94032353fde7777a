# What functions may do in Amazon Connect, if it is a destination. Which resource of a domain an action is checked against,
# AWS does not say: roles reach the domain and what is below it.

locals {
  domain_arn           = try(var.destination.connect.domain_arn, "")
  domain_arns          = [local.domain_arn, "${local.domain_arn}/*"]
  connect_campaign_arn = "arn:${local.partition}:connect-campaigns:${local.region}:${local.account_id}:campaign/*"
  connect_instance_arn = "arn:${local.partition}:connect:${local.region}:${local.account_id}:instance/${local.instance_id}"

  # A campaign that is not there yet has no ARN: a role makes only what carries its tag, and reaches nothing else.
  with_own_tag = { "aws:RequestTag/engagement:environment" = local.name }
  of_own_tag   = { "aws:ResourceTag/engagement:environment" = local.name }

  # Neither has a resource: room is counted over the campaigns of everybody.
  list_connect_campaigns = { actions = ["connect-campaigns:GetCampaignStateBatch", "connect-campaigns:ListCampaigns"], resources = ["*"] }
  # Without the tag, since what is gone has none: it is to be not found, and not forbidden.
  read_connect_campaigns = { actions = ["connect-campaigns:DescribeCampaign", "connect-campaigns:GetCampaignState"], resources = [local.connect_campaign_arn] }
  end_connect_campaigns = {
    actions    = ["connect-campaigns:DeleteCampaign", "connect-campaigns:StopCampaign"]
    resources  = [local.connect_campaign_arn]
    conditions = local.of_own_tag
  }

  connect_statements = {
    announcer = {
      CountConnectCampaigns    = local.list_connect_campaigns
      FollowConnectCampaigns   = local.read_connect_campaigns
      TakeConnectCampaignsBack = local.end_connect_campaigns
    }

    step = {
      MakeSegmentDefinitions = {
        actions = [
          "profile:CreateSegmentDefinition",
          "profile:DeleteSegmentDefinition",
          "profile:GetSegmentDefinition",
          "profile:ListSegmentDefinitions",
          "profile:TagResource",
        ]
        resources = local.domain_arns
      }
      TakeSnapshots = {
        actions   = ["profile:CreateSegmentEstimate", "profile:CreateSegmentSnapshot", "profile:GetSegmentEstimate", "profile:GetSegmentSnapshot"]
        resources = local.domain_arns
      }
      LetCustomerProfilesWrite = {
        actions    = ["iam:PassRole"]
        resources  = [local.role_arns.snapshots]
        conditions = { "iam:PassedToService" = "profile.amazonaws.com" }
      }
      FindConnectCampaigns = local.list_connect_campaigns
      MakeConnectCampaigns = { actions = ["connect-campaigns:CreateCampaign"], resources = ["*"], conditions = local.with_own_tag }
      TagConnectCampaigns  = { actions = ["connect-campaigns:TagResource"], resources = [local.connect_campaign_arn], conditions = local.with_own_tag }

      FollowConnectCampaigns   = local.read_connect_campaigns
      TakeConnectCampaignsBack = local.end_connect_campaigns
      StartConnectCampaigns = {
        actions    = ["connect-campaigns:StartCampaign"]
        resources  = [local.connect_campaign_arn]
        conditions = local.of_own_tag
      }
      # Whoever makes a campaign must be allowed to read what it names.
      ReadWhatCampaignsName = {
        actions   = ["connect:DescribeContactFlow", "connect:DescribeEmailAddress", "connect:DescribeInstance", "connect:DescribePhoneNumber"]
        resources = [local.connect_instance_arn, "${local.connect_instance_arn}/*", "arn:${local.partition}:connect:${local.region}:${local.account_id}:phone-number/*"]
      }
      ReadTemplates = {
        actions   = ["wisdom:GetMessageTemplate"]
        resources = ["arn:${local.partition}:wisdom:${local.region}:${local.account_id}:message-template/*"]
      }
    }

    stamper = {
      WriteProfiles = { actions = ["profile:SearchProfiles", "profile:UpdateProfile"], resources = local.domain_arns }
    }
  }
}
