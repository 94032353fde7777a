output "website_url" {
  description = "URL that the website's tags call."
  value       = module.website.url
}

output "gtm_container" {
  description = "Container for Google Tag Manager's import: terraform output -raw gtm_container > container.json"
  value       = module.website.gtm_container
}

output "newsletter_url" {
  description = "URL of the image in each newsletter."
  value       = module.newsletter.url
}
