namespace Stun;

/// <summary>What a transaction needs when its time has come.</summary>
public enum TransactionDue
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The same bytes are to be sent again.</summary>
    Retransmit,

    /// <summary>It has failed and was taken out of the table: no response came.</summary>
    TimedOut,

    /// <summary>It has failed and was taken out of the table: only responses came whose integrity could not be verified.</summary>
    IntegrityViolated,
}
