"""GMO Payment Gateway's protocol (リンクタイプPlus) and nothing of ours.

======================  ====================================================================
:mod:`.model`           the words of GMO: ways of paying, states, one answer of the search
:mod:`.errors`          the tree of errors and the one table of GMO's error codes
:mod:`.link`            what is told to GMO to get a payment link, and what comes back
:mod:`.client`          :class:`~portal.gmo.client.Gmo`, the calls we make
:mod:`.transport`       the port to HTTP and its one real implementation
:mod:`.notification`    結果通知, what GMO posts to us
:mod:`.returning`       the signed ``result`` with which the browser comes back
:mod:`.wire`            the two formats of answers, ``key=value`` lines and JSON
:mod:`.messages`        the JSON bodies, checked by Pydantic (imported by the client alone)
======================  ====================================================================

``model``, ``errors``, ``link``, ``notification`` and ``returning`` import neither Pydantic nor
requests, so that a page may use them. Nothing here knows an invoice, a member or a table.
What was assumed about GMO and has to be verified stands in ``docs/gmo.md``.
"""
