/* opcc.h: private to commands/opcc*.c: what `rightswatch opcc` can be asked for. */
#ifndef COMMANDS_OPCC_H
#define COMMANDS_OPCC_H

#include "core/when.h"

/* Each gives an exit code. */
int opcc_reconcile(const char *store, const char *data, bool json);
/* permission: a file, sinks/opcc/permission.h. */
int opcc_export(const char *store, const char *out, struct instant known_at, const char *permission);
int opcc_status(const char *store, bool json);

#endif
