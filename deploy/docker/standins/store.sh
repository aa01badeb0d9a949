# In the place of MinIO: an S3 that keeps everything in memory and asks nobody for a password.
exec /opt/moto/bin/moto_server -H 0.0.0.0 -p 9000
