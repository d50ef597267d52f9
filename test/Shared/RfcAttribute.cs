namespace Ice.Testing;

/// <summary>Names the section of a specification that a test (or every test of a fixture) shows to hold; docs/rfc refers to it.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
internal sealed class RfcAttribute(int number, string section) : Attribute
{
    /// <summary>The RFC's number.</summary>
    public int Number { get; } = number;

    /// <summary>The section, as in "7.3.1.1".</summary>
    public string Section { get; } = section;
}
