"""Who asks, known before anything is read, waited for or reserved; and how much each of them may hold."""
