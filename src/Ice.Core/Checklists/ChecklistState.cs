namespace Ice.Core;

/// <summary>The state of a checklist (RFC 8445 §6.1.2.1).</summary>
internal enum ChecklistState
{
    Running,
    Completed,
    Failed,
}
