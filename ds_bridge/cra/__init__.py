"""The coordinators' activity report (CRA): the first declared model."""
