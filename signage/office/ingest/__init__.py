"""Files of the shared folder in; renditions that every screen can show out, or in plain Chinese why there is none.

`service.Ingest` is what the server starts. Conversions run in processes of their own (`child`).
"""
