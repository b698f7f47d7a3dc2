#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by dracut before udev starts; the work is a program of its own, as that may exit.
/usr/bin/ascend-vfio-early
