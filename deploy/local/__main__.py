"""`python -m deploy.local`: what `./simkeep` runs once its interpreter is ready."""

from deploy.local.commands import main

if __name__ == "__main__":
    main()
