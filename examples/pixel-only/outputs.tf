output "website_url" {
  description = "URL that the website's tags call."
  value       = module.website.url
}

output "newsletter_url" {
  description = "URL of the image in each newsletter."
  value       = module.newsletter.url
}
