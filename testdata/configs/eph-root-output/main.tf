output "o" { 
 value = "a"
 ephemeral = true
}
