namespace Repo.Tests.Matrix;

/// <summary>A row of a table in docs/rfc: <c>| § | requirement | status | where | test |</c>.</summary>
internal sealed record MatrixRow(string File, int Line, int Rfc, string Section, string Requirement, string Status, string Where, string Test)
{
    internal const string Header = "| § | requirement | status | where | test |";

    public override string ToString() => $"{File}:{Line} (RFC {Rfc} §{Section})";
}
