"""Long work: jobs, their queue and worker, and what every service answers about them."""
